namespace PhishMe.Engine.Rendering;

/// <summary>What may differ between the STIX 1.1.1 packages of two installations.</summary>
internal sealed record StixPackageOptions
{
    /// <summary>
    /// Prefix of all ids and first word of the title. Consumers of the original expect <c>Cofense</c> (reference/stix.md §1).
    /// </summary>
    public string Prefix { get; init; } = "Cofense";

    /// <summary>Namespace of the prefix; the vendor's own is not known, any URI is valid.</summary>
    public string PrefixNamespace { get; init; } = "urn:phishme-powershell:stix";

    /// <summary>Name of the information source.</summary>
    public string InformationSource { get; init; } = "PhishMe Intelligence";

    /// <summary>Time of the package; null for the threat's last publication, which makes the same threat give the same bytes.</summary>
    public DateTimeOffset? ProducedAt { get; init; }

    /// <summary>Says when a threat without dates was received.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
