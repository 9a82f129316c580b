namespace PhishMe.Engine.Serving.Measuring;

/// <summary>One value of a figure.</summary>
/// <param name="Value">The value.</param>
internal sealed record FigureSample(double Value)
{
    /// <summary>What it is the value of, such as <c>destination</c>; empty where the figure has one value only.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; init; } = [];
}
