namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>What a table is for.</summary>
internal enum StateTableUse
{
    /// <summary>What hosts that deliver the same could share.</summary>
    Shared,

    /// <summary>What concerns this host alone.</summary>
    Host,

    /// <summary>The store of threats and its index: large, and rebuilt from other sources. A dry run works without it.</summary>
    Store,
}
