using System.Buffers;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>
/// Writes a threat as a STIX 1.1.1 package in the layout of the API (reference/stix.md §3 to §5), valid against the STIX 1.1.1 and CybOX 2.1 schemas, one element per
/// id, with the single-line strings the original integration searches for. Ids are name-based: the same threat gives the same bytes.
/// </summary>
internal sealed class StixPackageRenderer
{
    private readonly StixPackageOptions _options;

    /// <summary>Creates the renderer.</summary>
    /// <param name="options">What may differ; null for the defaults.</param>
    public StixPackageRenderer(StixPackageOptions? options = null)
    {
        _options = options ?? new StixPackageOptions();
    }

    /// <summary>Writes the package; ends with LF.</summary>
    /// <param name="threat">The threat.</param>
    /// <param name="output">Takes the UTF-8 bytes.</param>
    /// <returns>The number of watch-list entries of kinds STIX has no object for, which are left out.</returns>
    public int Render(Threat threat, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(threat);
        ArgumentNullException.ThrowIfNull(output);
        var package = new StixPackage(threat, _options, output);
        return package.Write();
    }
}
