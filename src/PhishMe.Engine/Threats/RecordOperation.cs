namespace PhishMe.Engine.Threats;

/// <summary>What a target does with a record.</summary>
internal enum RecordOperation
{
    /// <summary>Add it, or replace what stands under its key.</summary>
    Upsert,

    /// <summary>Take it back.</summary>
    Retract,
}
