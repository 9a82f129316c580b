namespace PhishMe.Engine.Storage;

/// <summary>Texts as PostgreSQL takes them: without U+0000, which its type text does not have, and without halves of surrogate pairs.</summary>
internal static class StorableText
{
    private const char Replacement = '\uFFFD';

    /// <returns>The text; its copy with U+FFFD in place of what cannot be stored.</returns>
    public static string? Of(string? text)
    {
        if (text is null || IsStorable(text))
        {
            return text;
        }

        var storable = text.ToCharArray();
        for (var i = 0; i < storable.Length; i++)
        {
            if (char.IsHighSurrogate(storable[i]) && i + 1 < storable.Length && char.IsLowSurrogate(storable[i + 1]))
            {
                i++;
            }
            else if (storable[i] == '\0' || char.IsSurrogate(storable[i]))
            {
                storable[i] = Replacement;
            }
        }

        return new string(storable);
    }

    private static bool IsStorable(string text)
    {
        foreach (var character in text)
        {
            if (character == '\0' || char.IsSurrogate(character))
            {
                return false;
            }
        }

        return true;
    }
}
