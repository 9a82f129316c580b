using System.Xml.Linq;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Tests;

/// <summary>A view that names a type or property which is gone shows an empty column and no error; so it is caught here.</summary>
public sealed class FormatFileTests
{
    // Where the types live that users see: the vocabulary, and what only the shell knows.
    private static readonly System.Reflection.Assembly[] Ours = [typeof(RunSummary).Assembly, typeof(PhishMeCmdlet).Assembly];

    private static readonly XDocument File = XDocument.Load(Path.Combine(BuiltModule.StagedFolder, "PhishMe.Format.ps1xml"));

    public static TheoryData<string> Views => [.. File.Descendants("View").Select(view => view.Element("Name")!.Value).Distinct()];

    [Theory, MemberData(nameof(Views))]
    public void View_is_named_after_the_public_type_it_shows(string view)
    {
        Assert.All(Named(view), one => Assert.Equal(view, one.Element("ViewSelectedBy")!.Element("TypeName")!.Value));
        Assert.NotNull(TypeOf(view));
    }

    [Theory, MemberData(nameof(Views))]
    public void Properties_exist(string view)
    {
        // Below an enumerated collection the properties are those of its items, whose own view is checked.
        var names = Named(view).Descendants("PropertyName")
            .Where(name => !name.Ancestors("CustomControl").Skip(1).Any())
            .Select(name => name.Value);
        Assert.All(names, name => Assert.NotNull(TypeOf(view)!.GetProperty(name)));
    }

    [Theory, MemberData(nameof(Views))]
    public void Tables_have_a_header_per_column(string view)
    {
        foreach (var table in Named(view).Elements("TableControl"))
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

    [Theory, MemberData(nameof(Views))]
    public void Columns_and_lines_have_names(string view)
    {
        foreach (var table in Named(view).Elements("TableControl"))
        {
            // A column without a label is named after its property; one that a script makes would be named after the text of the script.
            var named = table.Descendants("TableColumnHeader").Zip(table.Descendants("TableColumnItem"));
            Assert.All(named, column => Assert.True(
                column.First.Element("Label") is not null || column.Second.Element("PropertyName") is not null, column.Second.ToString()));
        }

        foreach (var item in Named(view).Elements("ListControl").Descendants("ListItem"))
        {
            Assert.True(item.Element("Label") is not null || item.Element("PropertyName") is not null, item.ToString());
        }
    }

    [Theory, MemberData(nameof(Views))]
    public void No_table_has_two_columns_of_one_name(string view)
    {
        foreach (var table in Named(view).Elements("TableControl"))
        {
            var names = table.Descendants("TableColumnHeader").Zip(table.Descendants("TableColumnItem"))
                .Select(column => column.First.Element("Label")?.Value ?? column.Second.Element("PropertyName")!.Value)
                .ToList();
            Assert.Equal(names.Distinct(StringComparer.OrdinalIgnoreCase), names);
        }
    }

    // Several when a type is shown as a table and, with Format-List, as a list.
    private static IEnumerable<XElement> Named(string name) => File.Descendants("View").Where(view => view.Element("Name")!.Value == name);

    // "#History" marks the same type in another role, as PowerShell itself writes it.
    private static Type? TypeOf(string view) =>
        Ours.SelectMany(assembly => assembly.GetExportedTypes()).SingleOrDefault(type => type.FullName == view.Split('#')[0]);
}
