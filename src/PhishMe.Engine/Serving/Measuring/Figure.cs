namespace PhishMe.Engine.Serving.Measuring;

/// <summary>One figure for monitoring, with all its samples.</summary>
/// <param name="Name">Its name as Prometheus writes names, with the unit at its end.</param>
/// <param name="Help">One sentence on what it is.</param>
/// <param name="Samples">Its values; more than one where it has a label.</param>
internal sealed record Figure(string Name, string Help, IReadOnlyList<FigureSample> Samples)
{
    /// <summary>Whether it only ever grows.</summary>
    public bool IsCounter { get; init; }

    /// <summary>A figure with one value.</summary>
    public static Figure Of(string name, string help, double value) => new(name, help, [new FigureSample(value)]);
}
