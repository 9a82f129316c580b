using System.Buffers;
using System.Buffers.Binary;
using PhishMe.Engine.Files;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>The files of one feed while they are written. Its failure is its own: the other feeds of the pass go on.</summary>
internal sealed class FeedOutput : IDisposable
{
    /// <summary>A file with fewer rows than this loses them without a warning.</summary>
    private const int FewRows = 20;

    private readonly FeedSettings _feed;
    private readonly ExternalSort? _reports;
    private readonly PatientFiles _files;
    private readonly List<OpenFile> _open = [];
    private OpenFile[][] _byKind = [];
    private readonly List<FeedFileWriter> _writers = [];
    private readonly List<string> _warnings = [];
    private readonly ArrayBufferWriter<byte> _row = new(1024);
    private Fault? _failure;
    private bool _losesReports;
    private bool _isKept;

    public FeedOutput(FeedSettings feed, ExternalSort? reports, string temporaryFolder, PatientFiles files)
    {
        _feed = feed;
        _reports = reports;
        _files = files;
        Do(() =>
        {
            foreach (var file in feed.Files)
            {
                var writer = new FeedFileWriter(file.Path, files);
                _writers.Add(writer);
                writer.Write(file.Header.Span);
                _open.Add(new OpenFile(file, writer, temporaryFolder));
            }

            // Files with the same rows stand together, so that a row is made once for all of them.
            _byKind =
            [
                .. Enum.GetValues<IndicatorKind>().Select(kind =>
                    _open.Where(open => open.File.Kinds.Contains(kind)).GroupBy(open => open.File.Format).SelectMany(same => same).ToArray()),
            ];
        });
    }

    /// <summary>Writes the row of a value to the files that have its kind and impact.</summary>
    public void Write(FeedRow row)
    {
        if (_failure is not null)
        {
            return;
        }

        var rank = 1 << row.Rank;
        FeedRowFormat? made = null;
        var isTaken = false;
        foreach (var open in _byKind[(int)row.Kind])
        {
            if ((open.File.Ranks & rank) == 0)
            {
                continue;
            }

            if (made is null || made != open.File.Format)
            {
                made = open.File.Format;
                _row.ResetWrittenCount();
                isTaken = made(row, _row);
            }

            if (!isTaken)
            {
                open.Refused++;
                continue;
            }

            try
            {
                open.Add(row, _row.WrittenSpan);
            }
            catch (PhishMeException exception)
            {
                _failure = exception.Fault;
                return;
            }
        }
    }

    /// <summary>Writes the rest, and puts the files in their places.</summary>
    public FeedResult Complete(FeedShare share, CancellationToken cancellationToken)
    {
        var files = new List<FeedFileSummary>();
        Do(() =>
        {
            foreach (var open in _open)
            {
                open.WriteSorted(_warnings, cancellationToken);
            }

            var reports = WriteReports(cancellationToken);
            _writers.ForEach(writer => writer.Complete());
            _losesReports = _feed.Subscriber is not null && reports is { Writer: { IsChanged: true, LinesBefore: not null } changed } && changed.LosesReports();
            foreach (var writer in _writers)
            {
                var extra = ExtraLines(writer);
                var rows = reports is (FeedFileWriter same, long count) && same == writer ? count : writer.Lines - extra;
                WarnOfLoss(writer, writer.LinesBefore - extra, rows);
                files.Add(new FeedFileSummary
                {
                    Path = writer.Path,
                    Rows = rows,
                    Bytes = writer.Length,
                    IsWritten = writer.IsChanged,
                });
            }

            cancellationToken.ThrowIfCancellationRequested();
            if (_isKept)
            {
                _warnings.Add("Its files stay as they were, because the store lacks threats of earlier runs, and what is not in a file is no longer blocked. " +
                    "Remove the value of position once for a new backfill; or delete the files if they may lose that much.");
                files.Clear();
                return;
            }

            if (_feed.ImportFolder is string folder)
            {
                // First: when it fails, the next run finds the difference again.
                _writers.ForEach(writer => writer.CopyTo(folder));
            }

            _writers.ForEach(writer => writer.Publish());
        });
        WarnOfNothing(share);
        return new FeedResult(
            new FeedSummary { Name = _feed.Name, Files = _failure is null ? files : [], Kinds = share.Kinds, LeftOut = share.LeftOut, Warnings = _warnings }, _failure)
        {
            LosesReports = _losesReports,
            IsKept = _isKept,
        };
    }

    public void Dispose()
    {
        _writers.ForEach(writer => writer.Dispose());
        _open.ForEach(open => open.Dispose());
    }

    private (FeedFileWriter Writer, long Count)? WriteReports(CancellationToken cancellationToken)
    {
        if (_feed.Reports is not FeedReports reports)
        {
            return null;
        }

        var writer = new FeedFileWriter(reports.Path, _files);
        _writers.Add(writer);
        writer.Write(reports.Header.Span);
        var count = 0L;
        for (var items = _reports!.Read(); items.MoveNext(); count++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (count > 0)
            {
                writer.Write(reports.Separator.Span);
            }

            writer.Write(items.Value);
        }

        writer.Write(reports.Footer.Span);
        return (writer, count);
    }

    /// <summary>Lines that are no rows: a header; in reports all but the separators.</summary>
    private long ExtraLines(FeedFileWriter writer)
    {
        var file = _feed.Files.FirstOrDefault(file => file.Path == writer.Path);
        return file is not null
            ? file.Header.Span.Count((byte)'\n')
            : _feed.Reports!.Header.Span.Count((byte)'\n') + _feed.Reports.Footer.Span.Count((byte)'\n') - 1;
    }

    /// <summary>Absence is an instruction to whoever reads the file.</summary>
    private void WarnOfLoss(FeedFileWriter writer, long? rowsBefore, long rows)
    {
        // Few rows come and go. But what the store does not know is no change, however little it is.
        if (rowsBefore is not long before || before < (_feed.IsStoreInPart ? 1 : FewRows) || rows * 100 >= before * (100 - _feed.LossWarning))
        {
            return;
        }

        _isKept |= _feed.IsStoreInPart;
        _warnings.Add(FormattableString.Invariant(
            $"{Path.GetFileName(writer.Path)} had {before} rows and {(_isKept ? "would have" : "has")} {rows} now: more than {_feed.LossWarning} % are gone at once."));
    }

    /// <summary>A feed that is empty although there was something to put in looks like success for months.</summary>
    private void WarnOfNothing(FeedShare share)
    {
        var kinds = share.Kinds;
        if (kinds.Count > 0 && kinds.All(kind => kind.Delivered == 0))
        {
            var notCarried = string.Join(", ", kinds.Where(kind => kind.NotCarried > 0).Select(kind => FormattableString.Invariant($"{kind.Kind} {kind.NotCarried}")));
            _warnings.Add(FormattableString.Invariant($"{kinds.Sum(kind => kind.Offered)} indicator(s) were offered and the feed is empty.")
                + (notCarried.Length > 0 ? $" It has no place for these kinds: {notCarried}." : string.Empty)
                + (share.LeftOut.Total > 0 ? $" Left out: {share.LeftOut}." : string.Empty));
        }
    }

    private void Do(Action work)
    {
        if (_failure is not null)
        {
            return;
        }

        try
        {
            work();
        }
        catch (PhishMeException exception)
        {
            _failure = exception.Fault;
        }
    }

    /// <summary>A file with what it needs while it is written.</summary>
    private sealed class OpenFile : IDisposable
    {
        private const int OrderLength = 1 + sizeof(long);
        private const int SortBytes = 8 * 1024 * 1024;

        private readonly FeedFileWriter _writer;
        private readonly string _temporaryFolder;
        private readonly byte[] _order = new byte[OrderLength];

        /// <summary>Rows by their order; null where they come in it.</summary>
        private readonly ExternalSort? _sort;

        /// <summary>Rows by their text, to find those that are the same; null where none are.</summary>
        private readonly ExternalSort? _same;

        public OpenFile(FeedFile file, FeedFileWriter writer, string temporaryFolder)
        {
            File = file;
            _writer = writer;
            _temporaryFolder = temporaryFolder;
            _same = file.MayRepeat ? new ExternalSort(temporaryFolder, SortBytes) : null;
            _sort = file.IsBestFirst || file.MaximumRows > 0 ? new ExternalSort(temporaryFolder, SortBytes) : null;
        }

        public FeedFile File { get; }

        /// <summary>Rows that the reader of the file would not take.</summary>
        public long Refused { get; set; }

        public void Add(FeedRow row, ReadOnlySpan<byte> line)
        {
            if (_sort is null)
            {
                _writer.Write(line);
                return;
            }

            _order[0] = (byte)(4 - row.Rank);
            BinaryPrimitives.WriteInt64BigEndian(_order.AsSpan(1), ~(row.Last ?? long.MinValue) ^ long.MinValue);
            if (_same is null)
            {
                _sort.Add(_order, line);
            }
            else
            {
                _same.Add(line, _order);
            }
        }

        public void WriteSorted(List<string> warnings, CancellationToken cancellationToken)
        {
            if (Refused > 0)
            {
                warnings.Add(FormattableString.Invariant($"{Path.GetFileName(File.Path)}: {Refused} row(s) are too long for the reader and were left out."));
            }

            if (_sort is null)
            {
                return;
            }

            LeaveOutRepeated(cancellationToken);
            var rows = 0L;
            for (var items = _sort.Read(); (File.MaximumRows == 0 || rows < File.MaximumRows) && items.MoveNext(); rows++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                _writer.Write(items.Value);
            }

            if (rows < _sort.Count)
            {
                warnings.Add(FormattableString.Invariant(
                    $"{Path.GetFileName(File.Path)} is cut to {rows} of {_sort.Count} rows (max_rows); those of the highest impact and the newest are in it."));
            }
        }

        public void Dispose()
        {
            _sort?.Dispose();
            _same?.Dispose();
        }

        private void LeaveOutRepeated(CancellationToken cancellationToken)
        {
            if (_same is null)
            {
                return;
            }

            var last = new ArrayBufferWriter<byte>(256);
            for (var items = _same.Read(); items.MoveNext();)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!items.Key.SequenceEqual(last.WrittenSpan))
                {
                    last.ResetWrittenCount();
                    last.Write(items.Key);
                    _sort!.Add(items.Value, items.Key);
                }
            }
        }
    }
}
