namespace PhishMe.Benchmarks;

/// <summary>The targets and whether they were met.</summary>
internal sealed class TargetList
{
    private readonly List<(string Name, string Value, bool Met)> _targets = [];

    public void Add(string name, string value, bool met) => _targets.Add((name, value, met));

    /// <returns>Whether all were met.</returns>
    public bool Report(TextWriter output)
    {
        output.WriteLine();
        output.WriteLine("Targets");
        foreach ((var name, var value, var met) in _targets)
        {
            output.WriteLine($"  {(met ? "met   " : "MISSED")}  {name}: {value}");
        }

        return _targets.TrueForAll(target => target.Met);
    }
}
