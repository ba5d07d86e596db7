# Made from openapi/data-storage-v1.yaml by `make generate`: change that, not this.
"""Types of the contract."""

#: Of the contract that was validated in full, and that these types were made of.
CONTRACT_SHA256 = "3ed3dd6a5983d512cf767f438a8853edac6c37615213b9b982b1e48580b4f820"
