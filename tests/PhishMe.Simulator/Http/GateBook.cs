namespace PhishMe.Simulator.Http;

/// <summary>The gates that stand.</summary>
internal sealed class GateBook
{
    private readonly Lock _lock = new();
    private readonly List<Gate> _gates = [];

    public Gate Add(string route, int skip)
    {
        var gate = new Gate(route, skip);
        lock (_lock)
        {
            _gates.Add(gate);
        }

        return gate;
    }

    public Gate? Find(long number)
    {
        lock (_lock)
        {
            return number >= 1 && number <= _gates.Count ? _gates[(int)number - 1] : null;
        }
    }

    public int NumberOf(Gate gate)
    {
        lock (_lock)
        {
            return _gates.IndexOf(gate) + 1;
        }
    }

    public void ReleaseAll()
    {
        foreach (var gate in Snapshot())
        {
            gate.Release();
        }
    }

    public async Task PassAsync(string route, CancellationToken cancellationToken)
    {
        foreach (var gate in Snapshot())
        {
            await gate.PassAsync(route, cancellationToken);
        }
    }

    private Gate[] Snapshot()
    {
        lock (_lock)
        {
            return [.. _gates];
        }
    }
}
