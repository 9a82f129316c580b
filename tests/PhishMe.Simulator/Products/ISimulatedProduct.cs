namespace PhishMe.Simulator.Products;

/// <summary>A product that threats are pushed to: what it keeps, and what it answers. Asked by one request at a time.</summary>
public interface ISimulatedProduct
{
    ProductAnswer Answer(ProductRequest request);
}
