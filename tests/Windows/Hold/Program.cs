// hold SHARING ACCESS FILE...: opens the files and keeps them open until a line or the end of standard input comes. Says "held" when it has them.
// SHARING: none, or any of r, w and d (reading, writing, deletion). ACCESS: r, w or rw. What the smoke step plays an editor, an agent or a backup with.
using System.Globalization;

if (args is not [var sharing, var access, _, ..])
{
    Console.Error.WriteLine("hold SHARING ACCESS FILE...");
    return 2;
}

var share = sharing == "none" ? FileShare.None
    : (sharing.Contains('r') ? FileShare.Read : 0) | (sharing.Contains('w') ? FileShare.Write : 0) | (sharing.Contains('d') ? FileShare.Delete : 0);
var wanted = (access.Contains('r') ? FileAccess.Read : 0) | (access.Contains('w') ? FileAccess.Write : 0);
var held = new List<FileStream>();
try
{
    foreach (var path in args[2..])
    {
        held.Add(new FileStream(path, FileMode.Open, wanted, share));
    }

    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"held {held.Count}"));
    Console.ReadLine();
    return 0;
}
catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}
finally
{
    held.ForEach(file => file.Dispose());
}
