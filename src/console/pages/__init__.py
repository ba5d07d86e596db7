"""The console's pages, one module each; each has a Flask blueprint of the name `blueprint`."""
