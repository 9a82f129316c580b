namespace PhishMe.Engine.Network;

/// <summary>A host whose pace is learnt, and remembered from run to run.</summary>
internal interface IPacedHost
{
    /// <summary>The name under which its pace is remembered: name and port.</summary>
    string Host { get; }

    /// <summary>What was found out in this run; null when nothing was.</summary>
    LearntPace? Pace { get; }

    /// <summary>Starts with what an earlier run found out. Without effect once a request was sent.</summary>
    void StartFrom(LearntPace learnt);
}
