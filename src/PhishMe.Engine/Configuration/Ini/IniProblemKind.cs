namespace PhishMe.Engine.Configuration.Ini;

/// <summary>What a line of an ini file can be besides right.</summary>
internal enum IniProblemKind
{
    /// <summary>Neither a section, nor <c>key = value</c>, nor a comment. Python refuses the file; here the line is skipped.</summary>
    NotUnderstood,

    /// <summary>A key before the first section. Python refuses the file; here the line is skipped.</summary>
    BeforeFirstSection,

    /// <summary>A section that was there before. Python 3 refuses the file; here, as in Python 2, the keys are added to the
    /// first.</summary>
    DuplicateSection,

    /// <summary>A key that its section had before. Python 3 refuses the file; here, as in Python 2, the last one counts.</summary>
    DuplicateKey,

    /// <summary>An indented <c>[section]</c> below a value: by the rules it continues that value and begins no section.</summary>
    IndentedSection,
}
