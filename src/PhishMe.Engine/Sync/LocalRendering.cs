using PhishMe.Engine.Rendering;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Sync;

/// <summary><c>source = local</c>: CEF and STIX made from the JSON that was downloaded anyway, instead of one more request per threat and format.</summary>
internal sealed class LocalRendering
{
    private readonly OutputRendering? _cef;
    private readonly OutputRendering? _stix;
    private readonly bool _keepModel;

    public LocalRendering(SyncPlan plan)
    {
        _keepModel = plan.KeepModel;
        _cef = For(OutputFormat.Cef);
        _stix = For(OutputFormat.Stix);

        OutputRendering? For(OutputFormat format) => plan.Local.Contains(format)
            ? new OutputRendering(
                new RenderingOptions { Format = FormatCatalogue.FormOf(format, plan.IsStixBundle), Tlp = plan.Marking, ValidDays = plan.ValidDays }, scores: plan.Scores)
            : null;
    }

    /// <summary>Adds the local formats to a threat that has JSON; a threat that cannot be read is set aside in these formats.</summary>
    public ThreatUnit AddTo(ThreatUnit unit, ICollection<DeadLetter> setAside)
    {
        if ((_cef is null && _stix is null) || unit.Json is not Rendition json || unit.Expired)
        {
            return Settled(unit);
        }

        if (unit.Model is not Threat threat)
        {
            SetAside(_cef, OutputFormat.Cef);
            SetAside(_stix, OutputFormat.Stix);
            return Settled(unit);
        }

        // The fingerprint is that of the JSON: what is made from unchanged content is unchanged.
        return Settled(unit with
        {
            Cef = _cef is null ? unit.Cef : new Rendition(_cef.Render(threat), json.Content),
            Stix = _stix is null ? unit.Stix : new Rendition(_stix.Render(threat), json.Content),
        });

        ThreatUnit Settled(ThreatUnit settled) => _keepModel ? settled : settled.WithoutModel();

        void SetAside(OutputRendering? rendering, OutputFormat format)
        {
            if (rendering is not null)
            {
                setAside.Add(new DeadLetter { Place = new ThreatPlace(unit.Id), Format = format, Reason = unit.Read.Error!, Payload = json.Bytes.ToArray() });
            }
        }
    }
}
