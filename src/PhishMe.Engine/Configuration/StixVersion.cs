namespace PhishMe.Engine.Configuration;

/// <summary>The version of STIX an output writes.</summary>
internal enum StixVersion
{
    /// <summary>STIX 1.1.1, XML, as the API renders it.</summary>
    Stix111,

    /// <summary>STIX 2.1, JSON bundles, rendered here.</summary>
    Stix21,
}
