namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>A column of a table.</summary>
/// <param name="Table">The table.</param>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type, as the standard names it.</param>
internal readonly record struct SharedColumn(string Table, string Name, string Type);
