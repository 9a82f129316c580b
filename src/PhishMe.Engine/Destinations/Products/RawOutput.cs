using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Files;
using PhishMe.Engine.Destinations.Syslog;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>
/// Threats in one format as files, and CEF by syslog: [integration_raw_…], also spelled [output_…]. Files and syslog of a section are two destinations.
/// </summary>
internal sealed class RawOutput : IProduct
{
    private readonly OutputFormat _format;
    private readonly string _name;
    private readonly string _title;
    private readonly SectionSchema _schema;

    private RawOutput(OutputFormat format, string name, string title)
    {
        _format = format;
        _name = name;
        _title = title;
        _schema = Schema();
    }

    public static RawOutput Cef { get; } = new(OutputFormat.Cef, "cef", "CEF");

    public static RawOutput Json { get; } = new(OutputFormat.Json, "json", "JSON");

    public static RawOutput Stix { get; } = new(OutputFormat.Stix, "stix", "STIX");

    public IReadOnlyList<SectionSchema> Sections => [_schema];

    public IReadOnlyList<Destination> Read(ProductSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var section = settings.Section(_schema);
        var output = ReadOutput(settings, section);
        CompareWithFormats(settings, output is not null);
        if (output is null)
        {
            return [];
        }

        var destinations = new List<Destination>();
        var name = $"raw_{_name}";
        if (output.AppendFile is not null || output.Folder is not null || output.Syslog is null)
        {
            destinations.Add(new TransactionalDestination
            {
                Id = new DestinationId(name),
                Section = section.Name,
                Format = _format,
                Source = output.Source,
                Output = output,
                Places = [.. PlacesOf(output)],
                Open = host => new FileDestination(output, host),
            });
        }

        if (output.Syslog is SyslogSettings syslog)
        {
            var id = new DestinationId($"syslog@{name}");
            destinations.Add(new QueuedDestination
            {
                Id = id,
                Name = name,
                Section = section.Name,
                Format = _format,
                Source = output.Source,
                Output = output,
                Open = host => new SyslogDestination(id, syslog, host),
            });
        }

        return destinations;
    }

    private static IEnumerable<WrittenPlace> PlacesOf(OutputSettings output)
    {
        if (output.AppendFile is string file)
        {
            yield return new WrittenPlace("append_file_location", file);
        }

        if (output.Folder is string folder)
        {
            yield return new WrittenPlace("multiple_file_location", folder, IsFolder: true);
        }
    }

    private SectionSchema Schema() => new()
    {
        Name = $"integration_raw_{_name}",
        OtherName = $"output_{_name}",
        Description = $"{_title} files{(_format == OutputFormat.Cef ? " and syslog" : string.Empty)}. The name output_{_name} works too.",
        Format = _format,
        DeclareKeys = () =>
        [
            Flag("use", _format == OutputFormat.Json ? "True" : "False", $"Write {_title}.") with { IsRequired = true },
            CheckConfig(),
            Flag("append_file_use", "False", "Append all threats to one growing file."),
            new() { Name = "append_file_location", Kind = ValueKind.OutputFile, Description = "The file to append to. Its folder must exist." },
            Flag("multiple_file_use", "True", "Write one file per threat."),
            new()
            {
                Name = "multiple_file_location", Kind = ValueKind.OutputFolder, Default = _name,
                Description = "Folder of the per-threat files. It is created if its parent folder exists.",
            },
            Flag("multiple_file_split_by_date", "True", "Write to one subfolder per date of first publication (UTC)."),
            Ours(Word("layout", "standard", ["standard", "legacy"],
                "legacy: file names and bytes as the original wrote them.")),
            HostFiles.Key(),
            .. SourceKeys(),
            .. _format == OutputFormat.Stix ? StixKeys() : [],
            .. _format == OutputFormat.Cef ? SyslogKeys.All : [],
        ],
    };

    private IEnumerable<KeySchema> SourceKeys() => _format == OutputFormat.Json
        ? []
        :
        [
            Ours(Word("source", _format == OutputFormat.Stix ? "" : "api", ["api", "local"], _format == OutputFormat.Stix
                ? "What renders: the API, or this program from JSON. Empty: api, or local if version is 2.1."
                : "What renders: the API, or this program from JSON.")),
        ];

    private static KeySchema[] StixKeys() =>
    [
        Ours(Word("version", "1.1.1", ["1.1.1", "2.1"], "STIX version. 2.1 is always rendered by this program.")),
        Ours(Word("tlp", "none", ["none", "clear", "green", "amber", "amber+strict", "red"],
            "Traffic light marking (TLP 2.0) of STIX rendered by this program. white is read as clear; the prefix TLP: may be written.") with
        {
            Accepts = word => TlpLevels.TryParse(word, out var level) ? TlpLevels.WordOf(level) : null,
        }),
        Ours(Number("valid_days", "0", 0, 3650,
            "Days after the last publication until which a STIX 2.1 indicator is valid (valid_until). 0: no end; a withdrawal revokes it. With a number, " +
            "what was published longer ago is invalid when it arrives, which is most of a backfill.")),
    ];

    private OutputSettings? ReadOutput(ProductSettings settings, SectionValues section)
    {
        if (!section.Exists)
        {
            return null;
        }

        if (section.LineOf("use") is null)
        {
            section.ReportMissing("use", "Write use = True or use = False.");
        }
        else if (section.Boolean("use"))
        {
            return ReadOutputInUse(settings, section);
        }

        return null;
    }

    private void CompareWithFormats(ProductSettings settings, bool isInUse)
    {
        var formats = settings.Formats;
        var isOn = formats.Boolean(_name);
        if (formats.Unchecked(_name) is null || isOn == isInUse)
        {
            return;
        }

        if (isOn)
        {
            formats.Report(FindingRules.FormatWithoutOutput, _name, $"The format is on, but [{settings.NameInFile(_schema)}] is not in use, so the format is " +
                $"not downloaded.");
        }
        else
        {
            formats.Report(FindingRules.FormatForced, _name, $"The format is off, but [{settings.NameInFile(_schema)}] is in use, so the format is " +
                $"downloaded anyway. The original did the same.");
        }
    }

    private OutputSettings? ReadOutputInUse(ProductSettings settings, SectionValues section)
    {
        string? appendFile = null;
        string? folder = null;
        var splitByDate = false;
        var append = section.Boolean("append_file_use");
        var perThreat = section.Boolean("multiple_file_use");
        if (append)
        {
            appendFile = section.AppendFile("append_file_location");
            if (appendFile is null)
            {
                section.ReportMissing("append_file_location", "Name the file to append to, or write append_file_use = False.");
            }
            else
            {
                settings.Claim(appendFile, section, "append_file_location");
            }
        }

        if (perThreat)
        {
            folder = section.OutputFolder("multiple_file_location");
            splitByDate = section.Boolean("multiple_file_split_by_date");
        }

        var syslog = _format == OutputFormat.Cef && section.Boolean("syslog_use") ? SyslogKeys.Read(section) : null;
        var version = _format == OutputFormat.Stix && section.Word("version") == "2.1" ? StixVersion.Stix21 : StixVersion.Stix111;
        var output = new OutputSettings
        {
            Section = section.Name,
            Format = _format,
            AppendFile = appendFile,
            Folder = folder,
            SplitByDate = splitByDate,
            Layout = section.Word("layout") == "legacy" ? OutputLayout.Legacy : OutputLayout.Standard,
            Source = ReadSource(section, version),
            StixVersion = version,
            Marking = _format == OutputFormat.Stix ? ReadMarking(section) : TlpLevel.None,
            ValidDays = _format == OutputFormat.Stix ? section.Integer("valid_days") : 0,
            Scores = settings.Scores,
            Syslog = syslog,
        };
        if (append || perThreat || syslog is not null)
        {
            return output;
        }

        var ways = _format == OutputFormat.Cef ? "append_file_use, multiple_file_use and syslog_use" : "append_file_use and multiple_file_use";
        section.ReportSection(FindingRules.OutputWritesNothing,
            $"The output is in use, but {ways} are off, so nothing is downloaded for it. Turn one on, or write use = False.");
        return null;
    }

    private OutputSource ReadSource(SectionValues section, StixVersion version)
    {
        if (_format == OutputFormat.Json)
        {
            return OutputSource.Api;
        }

        var source = section.Word("source");
        if (version == StixVersion.Stix21 && source == "api")
        {
            section.Report(FindingRules.OptionsConflict, "source",
                "The API renders STIX 1.1.1 only. Write source = local, or version = 1.1.1.");
        }

        return source == "local" || version == StixVersion.Stix21 ? OutputSource.Local : OutputSource.Api;
    }

    private static TlpLevel ReadMarking(SectionValues section) => TlpLevels.TryParse(section.Word("tlp"), out var level) ? level : TlpLevel.None;
}
