"""The steps of the schema, each as the SQL that shipped: never edited, the next one is added."""
