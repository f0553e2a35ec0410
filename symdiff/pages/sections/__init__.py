"""The sections of a page, one file each: from what a view holds to blocks."""
