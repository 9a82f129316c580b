namespace PhishMe.Simulator.Http;

/// <summary>How a wanted value is compared.</summary>
internal enum SearchMatch
{
    Exact,
    ExactCase,
    Contains,
    Url,
    AnyUrl,
}
