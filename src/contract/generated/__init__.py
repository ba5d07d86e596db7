# Made from openapi/data-storage-v1.yaml by `make generate`: change that, not this.
"""Types of the contract."""
