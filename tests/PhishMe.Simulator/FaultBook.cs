namespace PhishMe.Simulator;

/// <summary>The faults that are still to happen.</summary>
internal sealed class FaultBook
{
    private readonly Lock _lock = new();
    private readonly List<Pending> _pending = [];

    public void Add(FaultRule rule)
    {
        lock (_lock)
        {
            _pending.Add(new Pending(rule));
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _pending.Clear();
        }
    }

    /// <summary>The rotations that are due; they come before the credentials are looked at.</summary>
    public FaultRule? TakeRotation(string route, IReadOnlyList<string> ids) => Take(route, ids, () => [], rotation: true);

    /// <summary>The first rule that applies to the request, or null.</summary>
    /// <param name="route">The route.</param>
    /// <param name="ids">The threats the request names.</param>
    /// <param name="served">The threats its answer would hold; asked for only when a rule wants to know.</param>
    public FaultRule? Take(string route, IReadOnlyList<string> ids, Func<IReadOnlyList<string>> served) => Take(route, ids, served, rotation: false);

    private FaultRule? Take(string route, IReadOnlyList<string> ids, Func<IReadOnlyList<string>> served, bool rotation)
    {
        lock (_lock)
        {
            foreach (var pending in _pending)
            {
                if ((pending.Rule.Kind == FaultRuleKind.RotateCredentials) == rotation && pending.Applies(route, ids, served))
                {
                    return pending.Rule;
                }
            }

            return null;
        }
    }

    private sealed class Pending(FaultRule rule)
    {
        private readonly IReadOnlyList<string> _ids = rule.Ids;
        private int _skip = rule.Skip;
        private int _left = rule.Count;

        public FaultRule Rule => rule;

        public bool Applies(string route, IReadOnlyList<string> ids, Func<IReadOnlyList<string>> served)
        {
            var matches = (rule.Route == "*" || rule.Route == route)
                && (rule.Kind == FaultRuleKind.SearchLacksIds || _ids.Count == 0 || _ids.Any((rule.MatchServed ? served() : ids).Contains));
            if (!matches || _left == 0)
            {
                return false;
            }

            if (_skip > 0)
            {
                _skip--;
                return false;
            }

            if (_left > 0)
            {
                _left--;
            }

            return true;
        }
    }
}
