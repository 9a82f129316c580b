using System.Xml.Linq;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Tests;

/// <summary>A view that names a type or property which is gone shows an empty column and no error; so it is caught here.</summary>
public sealed class FormatFileTests
{
    // Where the types live that users see: the vocabulary, and what only the shell knows.
    private static readonly System.Reflection.Assembly[] Ours = [typeof(RunSummary).Assembly, typeof(PhishMeCmdlet).Assembly];

    private static readonly XDocument File = XDocument.Load(Path.Combine(BuiltModule.StagedFolder, "PhishMe.Format.ps1xml"));

    public static TheoryData<string> Views => [.. File.Descendants("View").Select(view => view.Element("Name")!.Value)];

    [Theory, MemberData(nameof(Views))]
    public void View_is_named_after_the_public_type_it_shows(string view)
    {
        Assert.Equal(view, View(view).Element("ViewSelectedBy")!.Element("TypeName")!.Value);
        Assert.NotNull(TypeOf(view));
    }

    [Theory, MemberData(nameof(Views))]
    public void Properties_exist(string view)
    {
        // Below an enumerated collection the properties are those of its items, whose own view is checked.
        var names = View(view).Descendants("PropertyName")
            .Where(name => !name.Ancestors("CustomControl").Skip(1).Any())
            .Select(name => name.Value);
        Assert.All(names, name => Assert.NotNull(TypeOf(view)!.GetProperty(name)));
    }

    [Theory, MemberData(nameof(Views))]
    public void Tables_have_a_header_per_column(string view)
    {
        foreach (var table in View(view).Elements("TableControl"))
        {
            Assert.Equal(
                table.Element("TableHeaders")!.Elements("TableColumnHeader").Count(),
                table.Descendants("TableColumnItem").Count());
        }
    }

    [Fact]
    public void Everything_a_cmdlet_emits_has_a_default_view()
    {
        var emitted = BuiltModule.Cmdlets
            .SelectMany(cmdlet => cmdlet.OutputTypes)
            .Where(type => Ours.Contains(type.Assembly))
            .Select(type => type.FullName!)
            .ToHashSet();
        Assert.NotEmpty(emitted);
        Assert.Subset(Views.Select(row => row.Data).ToHashSet(), emitted);
    }

    private static XElement View(string name) => File.Descendants("View").Single(view => view.Element("Name")!.Value == name);

    // "#History" marks the same type in another role, as PowerShell itself writes it.
    private static Type? TypeOf(string view) =>
        Ours.SelectMany(assembly => assembly.GetExportedTypes()).SingleOrDefault(type => type.FullName == view.Split('#')[0]);
}
