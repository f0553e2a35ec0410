"""Everything that was found about one derivative, as plain data: what pages, reports and documents are views of."""
