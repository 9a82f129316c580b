namespace PhishMe.Engine.Destinations;

/// <summary>What happens to a queue that is full.</summary>
internal enum QueueOverflow
{
    /// <summary>The oldest items give way, and the run says how many: what is a stream of events, such as syslog.</summary>
    DropOldest,

    /// <summary>
    /// The destination falls behind: it is given nothing more until the queue is half empty, and then catches up by itself. Nothing is lost; what the
    /// target holds is a set, so that only the newest version matters.
    /// </summary>
    FallBehind,
}
