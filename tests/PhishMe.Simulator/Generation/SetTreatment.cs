namespace PhishMe.Simulator.Generation;

/// <summary>What becomes of a set that a reader might take for granted.</summary>
internal enum SetTreatment
{
    Written,
    Missing,
    Null,
    Empty,
}
