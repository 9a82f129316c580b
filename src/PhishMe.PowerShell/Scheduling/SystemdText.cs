using System.Text;

namespace PhishMe.PowerShell.Scheduling;

/// <summary>Text in unit files (systemd.service(5)): % begins a specifier, $ a variable, backslash an escape within quotes.</summary>
internal static class SystemdText
{
    /// <summary>A word of a command line.</summary>
    public static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            quoted.Append(c switch { '\\' => @"\\", '"' => "\\\"", '%' => "%%", '$' => "$$", _ => c.ToString() });
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>A value that is no command line.</summary>
    public static string Specifiers(string text) => text.Replace("%", "%%", StringComparison.Ordinal);
}
