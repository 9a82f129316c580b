namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>A table of the shared state with everything that belongs to it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Sql">The statements that make it and its indexes.</param>
/// <param name="IsStore">Whether it belongs to the store of threats and its index: large, and not needed by a dry run.</param>
internal sealed record SharedTable(string Name, string Sql, bool IsStore = false);
