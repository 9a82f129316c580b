namespace PhishMe.Engine.Network;

/// <summary>What became of a request, as far as it says how much the host can take.</summary>
internal enum PaceOutcome
{
    /// <summary>The host answered, whatever the answer was.</summary>
    Answered,

    /// <summary>The host said that requests come too fast: 429.</summary>
    Refused,

    /// <summary>The host could not cope: 502, 503, 504, no answer in time, a connection that broke.</summary>
    Overloaded,

    /// <summary>We gave up, or the request never reached the host. It says nothing about the host.</summary>
    Abandoned,
}
