"""The report page: one HTML file without outside resources, drawn from `Results`."""
