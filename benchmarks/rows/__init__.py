"""One module for each subject; a module's rows register themselves when it is imported."""
