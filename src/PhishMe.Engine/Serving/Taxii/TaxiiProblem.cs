namespace PhishMe.Engine.Serving.Taxii;

/// <summary>A request that cannot be answered: the error resource of TAXII 2.1, 3.6.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="title">What is wrong.</param>
/// <param name="description">What to do.</param>
internal sealed class TaxiiProblem(int status, string title, string description) : Exception(title)
{
    public int Status { get; } = status;

    public string Title { get; } = title;

    public string Description { get; } = description;
}
