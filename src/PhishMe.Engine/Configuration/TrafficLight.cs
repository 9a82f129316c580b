namespace PhishMe.Engine.Configuration;

/// <summary>A marking of the traffic light protocol, put on rendered STIX objects.</summary>
public enum TrafficLight
{
    /// <summary>No limit on sharing; <c>white</c>, or <c>clear</c> as it is called today.</summary>
    White,

    /// <summary>The community.</summary>
    Green,

    /// <summary>The organisation and its clients.</summary>
    Amber,

    /// <summary>The recipients only.</summary>
    Red,
}
