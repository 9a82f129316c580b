namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>A store in a state file.</summary>
internal sealed class SqliteStoreFile(string path) : IStoreLocation
{
    public string Name { get; } = Path.GetFullPath(path);

    public bool IsShared => false;

    public bool Exists => File.Exists(Name);

    public IThreatStoreReader OpenReader() => SqliteThreatStoreReader.Open(Name);

    public IServedReader OpenServed() => SqliteServedReader.Open(Name);

    public IThreatStoreRebuild BeginRebuild() => new SqliteThreatStoreRebuild(Name);
}
