namespace PhishMe.Engine.Storage;

/// <summary>The state file is no intact database: it is set aside and rebuilt, never overwritten.</summary>
internal sealed class StateDamagedException(string path, Exception innerException)
    : Exception("The state file is damaged.", innerException)
{
    public string Path { get; } = path;
}
