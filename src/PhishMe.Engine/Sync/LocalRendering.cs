using PhishMe.Engine.Rendering;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Sync;

/// <summary><c>source = local</c>: CEF and STIX made from the JSON that was downloaded anyway, instead of one more request per threat and format.</summary>
internal sealed class LocalRendering
{
    private readonly OutputRendering? _cef;
    private readonly OutputRendering? _stix;

    public LocalRendering(SyncPlan plan)
    {
        _cef = For(OutputFormat.Cef);
        _stix = For(OutputFormat.Stix);

        OutputRendering? For(OutputFormat format) => plan.Local.Contains(format)
            ? new OutputRendering(new RenderingOptions { Format = FormatCatalogue.FormOf(format, plan.IsStixBundle), Tlp = plan.Marking, ValidDays = plan.ValidDays })
            : null;
    }

    /// <summary>Adds the local formats to a threat that has JSON; a threat that cannot be read is set aside in these formats.</summary>
    public ThreatUnit AddTo(ThreatUnit unit, ICollection<DeadLetter> setAside)
    {
        if ((_cef is null && _stix is null) || unit.Json is not Rendition json || unit.Expired)
        {
            return unit with { Read = null };
        }

        var read = unit.Read ?? ReadThreat.Of(json.Bytes);
        if (read.Threat is not Threat threat)
        {
            SetAside(_cef, OutputFormat.Cef);
            SetAside(_stix, OutputFormat.Stix);
            return unit with { Read = null };
        }

        // The fingerprint is that of the JSON: what is made from unchanged content is unchanged.
        return unit with
        {
            Cef = _cef is null ? unit.Cef : new Rendition(_cef.Render(threat), json.Content),
            Stix = _stix is null ? unit.Stix : new Rendition(_stix.Render(threat), json.Content),
            Read = null,
        };

        void SetAside(OutputRendering? rendering, OutputFormat format)
        {
            if (rendering is not null)
            {
                setAside.Add(new DeadLetter { Place = new ThreatPlace(unit.Id), Format = format, Reason = read.Error!, Payload = json.Bytes.ToArray() });
            }
        }
    }
}
