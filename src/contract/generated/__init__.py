# Made from openapi/data-storage-v1.yaml by `make generate`: change that, not this.
"""Types of the contract."""

#: Of the contract that was validated in full, and that these types were made of.
CONTRACT_SHA256 = "36f9ce47a98af06532da85a95bf39fa011ce85ba92760b8d3f420472552f67d2"
