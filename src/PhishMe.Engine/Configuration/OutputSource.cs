namespace PhishMe.Engine.Configuration;

/// <summary>Who renders CEF and STIX.</summary>
internal enum OutputSource
{
    /// <summary>The API: one request per threat, its bytes are passed on unchanged.</summary>
    Api,

    /// <summary>This program, from the JSON already downloaded.</summary>
    Local,
}
