using PhishMe.Engine.Configuration;

namespace PhishMe.Engine.Rendering;

/// <summary>The marking of what is rendered, from the traffic light of the configuration.</summary>
internal static class TlpMarkings
{
    public static TlpMarking Of(TrafficLight? light) => light switch
    {
        null => TlpMarking.None,
        TrafficLight.White => TlpMarking.White,
        TrafficLight.Green => TlpMarking.Green,
        TrafficLight.Amber => TlpMarking.Amber,
        _ => TlpMarking.Red,
    };
}
