namespace PhishMe.Engine.Tests.Storage;

/// <summary>What keeps the state in a test: the same is asked of both.</summary>
public enum StateBackendKind
{
    Sqlite,
    PostgreSql,
}
