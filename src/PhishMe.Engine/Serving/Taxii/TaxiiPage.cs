namespace PhishMe.Engine.Serving.Taxii;

/// <summary>Some objects in the order in which they were added.</summary>
/// <param name="Objects">The objects.</param>
/// <param name="Next">The date added behind which to go on, epoch milliseconds; null when there are no more.</param>
internal sealed record TaxiiPage(IReadOnlyList<ServedObject> Objects, long? Next);
