namespace PhishMe.Engine.Network;

/// <summary>Remembers from run to run what was learnt about each host.</summary>
internal interface IPaceMemory
{
    /// <summary>What was learnt about a host; null when nothing was.</summary>
    /// <param name="host">Name and port, as in <see cref="Uri.Authority"/>.</param>
    LearntPace? Recall(string host);

    /// <summary>Keeps what was learnt about a host.</summary>
    /// <param name="host">Name and port, as in <see cref="Uri.Authority"/>.</param>
    /// <param name="pace">What was learnt.</param>
    void Remember(string host, LearntPace pace);
}
