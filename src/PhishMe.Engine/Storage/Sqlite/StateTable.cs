namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>A table of the state file with everything that belongs to it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Sql">The statements that make it, its indexes and views.</param>
/// <param name="Holds">What it is for.</param>
internal sealed record StateTable(string Name, string Sql, StateTableUse Holds);
