using PhishMe.Intelligence;

namespace PhishMe.Engine.Configuration;

/// <summary>The one catalogue of finding ids with their severity. Ids are stable: scripts may test for them.</summary>
internal static class FindingRules
{
    /// <summary>The file does not exist.</summary>
    public static FindingRule FileNotFound { get; } = Error(nameof(FileNotFound), "The file does not exist.");

    /// <summary>The file cannot be read.</summary>
    public static FindingRule FileUnreadable { get; } =
        Error(nameof(FileUnreadable), "The file cannot be read: missing permissions, a folder, or an I/O error.");

    /// <summary>The file is far too large.</summary>
    public static FindingRule FileTooLarge { get; } = Error(nameof(FileTooLarge), "The file is larger than any configuration.");

    /// <summary>The file is not text in UTF-8.</summary>
    public static FindingRule EncodingNotSupported { get; } =
        Error(nameof(EncodingNotSupported), "The file is UTF-16, UTF-32 or not text; it must be saved as UTF-8.");

    /// <summary>Some bytes are not UTF-8.</summary>
    public static FindingRule EncodingNotUtf8 { get; } =
        Warning(nameof(EncodingNotUtf8), "Some bytes are not UTF-8; the file is read as Latin-1.");

    /// <summary>A line is neither section, key nor comment.</summary>
    public static FindingRule LineNotUnderstood { get; } =
        Error(nameof(LineNotUnderstood), "A line is neither a section, nor a key with a value, nor a comment.");

    /// <summary>A key stands before the first section.</summary>
    public static FindingRule KeyBeforeSection { get; } =
        Error(nameof(KeyBeforeSection), "A line with content stands before the first section.");

    /// <summary>A section appears twice.</summary>
    public static FindingRule DuplicateSection { get; } = Error(nameof(DuplicateSection), "A section appears twice.");

    /// <summary>A key appears twice in its section.</summary>
    public static FindingRule DuplicateKey { get; } = Error(nameof(DuplicateKey), "A key appears twice in its section.");

    /// <summary>An indented section header continues a value.</summary>
    public static FindingRule SectionIndented { get; } =
        Warning(nameof(SectionIndented), "An indented section header is part of the value above it, not a section.");

    /// <summary>A value goes on over several lines.</summary>
    public static FindingRule ValueContinued { get; } =
        Error(nameof(ValueContinued), "A value that fits one line continues over indented lines.");

    /// <summary>A section that is not in the schema.</summary>
    public static FindingRule UnknownSection { get; } = Warning(nameof(UnknownSection), "A section is unknown and is ignored.");

    /// <summary>A key that is not in the schema.</summary>
    public static FindingRule UnknownKey { get; } = Warning(nameof(UnknownKey), "A key is unknown and is ignored.");

    /// <summary>A required section is missing.</summary>
    public static FindingRule SectionMissing { get; } = Error(nameof(SectionMissing), "A required section is missing.");

    /// <summary>A required value is missing.</summary>
    public static FindingRule ValueMissing { get; } = Error(nameof(ValueMissing), "A required key is missing or empty.");

    /// <summary>A value is neither true nor false.</summary>
    public static FindingRule NotABoolean { get; } = Error(nameof(NotABoolean), "A value is not a boolean.");

    /// <summary>A value is not a number.</summary>
    public static FindingRule NotANumber { get; } = Error(nameof(NotANumber), "A value is not a whole number.");

    /// <summary>A number is too small or too large.</summary>
    public static FindingRule OutOfRange { get; } = Error(nameof(OutOfRange), "A number is outside its range.");

    /// <summary>A value is not a day.</summary>
    public static FindingRule NotADate { get; } = Error(nameof(NotADate), "A value is not a day in the form YYYY-MM-DD.");

    /// <summary>A value is not one of the allowed words.</summary>
    public static FindingRule NotAChoice { get; } = Error(nameof(NotAChoice), "A value is not one of the allowed words.");

    /// <summary>A value is not an address.</summary>
    public static FindingRule NotAUrl { get; } = Error(nameof(NotAUrl), "A value is not an http:// or https:// address.");

    /// <summary>A text is too short.</summary>
    public static FindingRule TooShort { get; } =
        Error(nameof(TooShort), "A value has too few characters: a credential or a position was cut off.");

    /// <summary>A host name has a scheme or a path.</summary>
    public static FindingRule NotAHost { get; } = Error(nameof(NotAHost), "A value is not the name or address of a host.");

    /// <summary>A comment behind a value is a part of the value.</summary>
    public static FindingRule InlineComment { get; } =
        Warning(nameof(InlineComment), "What looks like a comment after a value is part of the value.");

    /// <summary>Quotes around a value are part of the value.</summary>
    public static FindingRule ValueQuoted { get; } = Warning(nameof(ValueQuoted), "Quotes around a value are part of the value.");

    /// <summary>A path cannot be one.</summary>
    public static FindingRule PathInvalid { get; } =
        Error(nameof(PathInvalid), "A path is not valid, or names a folder where a file is needed or the other way round.");

    /// <summary>A folder does not exist.</summary>
    public static FindingRule FolderMissing { get; } = Error(nameof(FolderMissing), "The folder of a path does not exist.");

    /// <summary>A path cannot be written.</summary>
    public static FindingRule PathNotWritable { get; } =
        Error(nameof(PathNotWritable), "A file or folder that is written to is read-only for this account.");

    /// <summary>Two keys name the same file.</summary>
    public static FindingRule PathShared { get; } = Error(nameof(PathShared), "Two keys name the same file.");

    /// <summary>A file that is read does not exist or cannot be read.</summary>
    public static FindingRule FileOfKeyUnreadable { get; } =
        Error(nameof(FileOfKeyUnreadable), "A file that a key names does not exist or cannot be read.");

    /// <summary>A secret that is kept elsewhere cannot be had.</summary>
    public static FindingRule SecretUnavailable { get; } =
        Error(nameof(SecretUnavailable), "A secret named by env:, file: or secret: is not available.");

    /// <summary>Others can read a secret.</summary>
    public static FindingRule SecretExposed { get; } =
        Warning(nameof(SecretExposed), "A file with a secret can be read or written by other accounts.");

    /// <summary>An entry of a list can have no effect.</summary>
    public static FindingRule EntryWithoutEffect { get; } =
        Warning(nameof(EntryWithoutEffect), "An entry of a list can have no effect.");

    /// <summary>Credentials stand in an address.</summary>
    public static FindingRule CredentialsInUrl { get; } =
        Warning(nameof(CredentialsInUrl), "A URL contains credentials; they have keys of their own.");

    /// <summary>The connection is not encrypted.</summary>
    public static FindingRule ConnectionNotEncrypted { get; } =
        Warning(nameof(ConnectionNotEncrypted), "The API is reached over http://, or a shared state without TLS, so credentials travel in clear text.");

    /// <summary>The connection to a shared state is wrong.</summary>
    public static FindingRule ConnectionNotUsable { get; } =
        Error(nameof(ConnectionNotUsable), "The connection to a shared state cannot be used as it is written.");

    /// <summary>A server would be open to other machines.</summary>
    public static FindingRule ListenerNotProtected { get; } =
        Error(nameof(ListenerNotProtected), "A server listens for other machines without TLS.");

    /// <summary>The certificate of the API is not verified.</summary>
    public static FindingRule TlsNotVerified { get; } = Warning(nameof(TlsNotVerified), "The certificate of the API, or of the server of a shared state, is not verified.");

    /// <summary>The run is privileged.</summary>
    public static FindingRule RunsAsRoot { get; } =
        Information(nameof(RunsAsRoot), "The run has root permissions, which it does not need.");

    /// <summary>The configuration file cannot be written.</summary>
    public static FindingRule PositionNotWritable { get; } =
        Warning(nameof(PositionNotWritable), "The configuration file is read-only, so the position cannot be written to it. The state file has it too.");

    /// <summary>Both products are off.</summary>
    public static FindingRule NoProduct { get; } = Error(nameof(NoProduct), "Both products are off.");

    /// <summary>No output is in use.</summary>
    public static FindingRule NoOutput { get; } =
        Warning(nameof(NoOutput), "No output is in use: a run writes nothing and only moves the position.");

    /// <summary>An output writes nothing.</summary>
    public static FindingRule OutputWritesNothing { get; } =
        Warning(nameof(OutputWritesNothing), "An output is in use, but everything it could write is off.");

    /// <summary>An output is there in both spellings.</summary>
    public static FindingRule BothSpellings { get; } =
        Warning(nameof(BothSpellings), "A section or key is present in both spellings; one wins.");

    /// <summary>A format is on, but no output takes it.</summary>
    public static FindingRule FormatWithoutOutput { get; } =
        Information(nameof(FormatWithoutOutput), "A format is on in [pm_format], but no output uses it, so it is not downloaded.");

    /// <summary>A format is off, but an output takes it.</summary>
    public static FindingRule FormatForced { get; } =
        Information(nameof(FormatForced), "A format is off in [pm_format], but an output uses it, so it is downloaded. The original did the same.");

    /// <summary>Options that exclude each other.</summary>
    public static FindingRule OptionsConflict { get; } = Error(nameof(OptionsConflict), "Two values exclude each other.");

    /// <summary>The backfill starts in the future.</summary>
    public static FindingRule InitialDateInFuture { get; } =
        Warning(nameof(InitialDateInFuture), "init_date is in the future, or the clock of this machine is wrong.");

    /// <summary>The scheduler runs too often.</summary>
    public static FindingRule FrequencyTooHigh { get; } =
        Warning(nameof(FrequencyTooHigh), "Runs are less than 15 minutes apart; the vendor asks for at least 15.");

    /// <summary>The offset is not usable.</summary>
    public static FindingRule OffsetNotUsable { get; } =
        Warning(nameof(OffsetNotUsable), "scheduler_offset is not usable; the next run chooses and writes a new one.");

    /// <summary>A section of something that does not exist yet is on.</summary>
    public static FindingRule NotImplementedYet { get; } =
        Warning(nameof(NotImplementedYet), "A section is enabled but not implemented yet; the run continues without it.");

    /// <summary>A section is on that never had an effect.</summary>
    public static FindingRule SectionWithoutEffect { get; } =
        Information(nameof(SectionWithoutEffect), "A section has no effect, as in the original.");

    /// <summary>All rules, for documentation and tests.</summary>
    public static IReadOnlyList<FindingRule> All =>
    [
        FileNotFound, FileUnreadable, FileTooLarge, EncodingNotSupported, EncodingNotUtf8, LineNotUnderstood, KeyBeforeSection,
        DuplicateSection, DuplicateKey,
        SectionIndented, ValueContinued, UnknownSection, UnknownKey, SectionMissing, ValueMissing, NotABoolean, NotANumber, OutOfRange,
        NotADate, NotAChoice, NotAUrl,
        TooShort, NotAHost, InlineComment, ValueQuoted, PathInvalid, FolderMissing, PathNotWritable, PathShared, FileOfKeyUnreadable,
        SecretUnavailable, SecretExposed,
        EntryWithoutEffect, CredentialsInUrl, ConnectionNotUsable, ConnectionNotEncrypted, ListenerNotProtected, TlsNotVerified, RunsAsRoot, PositionNotWritable, NoProduct, NoOutput,
        OutputWritesNothing, BothSpellings,
        FormatWithoutOutput, FormatForced, OptionsConflict, InitialDateInFuture, FrequencyTooHigh, OffsetNotUsable, NotImplementedYet,
        SectionWithoutEffect,
    ];

    private static FindingRule Error(string id, string meaning) => new(id, FindingSeverity.Error, meaning);

    private static FindingRule Warning(string id, string meaning) => new(id, FindingSeverity.Warning, meaning);

    private static FindingRule Information(string id, string meaning) => new(id, FindingSeverity.Information, meaning);
}
