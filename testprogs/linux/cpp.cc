// C++: exceptions (unwinding through frames), iostream, containers, RTTI.
#include <algorithm>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <numeric>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

struct Trace {
    const char *name;
    explicit Trace(const char *n) : name(n) {}
    ~Trace() { std::cout << "~" << name << '\n'; }
};

struct Shape {
    virtual ~Shape() = default;
    virtual double area() const = 0;
};
struct Square : Shape {
    double side;
    explicit Square(double s) : side(s) {}
    double area() const override { return side * side; }
};
struct Circle : Shape {
    double area() const override { return 3.0; }
};

static Trace global("global");

[[gnu::noinline]] static int recurse(int n)
{
    Trace trace(n % 2 ? "odd" : "even");
    if (n == 0)
        throw std::out_of_range("bottom reached");
    return recurse(n - 1) + 1;
}

static thread_local int counter = 3;

int main()
{
    std::cout << std::setprecision(12) << std::fixed << 1.0 / 3 << ' ' << std::scientific << 12345.678 << ' ' << std::hex
              << std::showbase << 255 << std::dec << std::setw(8) << std::setfill('*') << 42 << '\n';
    try {
        recurse(4);
    } catch (const std::exception &error) {
        std::cout << "caught " << error.what() << '\n';
    }
    try {
        try {
            throw 42;
        } catch (int n) {
            std::cout << "rethrowing " << n << '\n';
            throw;
        }
    } catch (...) {
        std::cout << "caught anything\n";
    }
    try {
        std::cout << std::vector<int>().at(3);
    } catch (const std::out_of_range &) {
        std::cout << "out of range\n";
    }
    try {
        std::unique_ptr<Shape> shape = std::make_unique<Square>(3);
        std::cout << shape->area() << ' ' << (dynamic_cast<Circle *>(shape.get()) == nullptr) << '\n';
        dynamic_cast<Circle &>(*shape).area();
    } catch (const std::bad_cast &) {
        std::cout << "bad cast\n";
    }
    try {
        std::string(std::string::npos / 2 + 1, 'x');
    } catch (const std::length_error &) {
        std::cout << "length error\n";
    }
    try {
        volatile std::size_t huge = std::size_t(1) << 60;
        ::operator delete(::operator new(huge));
    } catch (const std::bad_alloc &) {
        std::cout << "bad alloc\n";
    }

    std::map<std::string, int> words;
    std::istringstream text("the quick fox and the lazy dog and the end");
    for (std::string word; text >> word;)
        words[word]++;
    for (const auto &[word, count] : words)
        std::cout << word << '=' << count << ' ';
    std::vector<int> numbers(1000);
    std::iota(numbers.begin(), numbers.end(), 0);
    std::sort(numbers.begin(), numbers.end(), [](int a, int b) { return a * 7919 % 1009 < b * 7919 % 1009; });
    std::cout << '\n' << numbers[0] << ' ' << numbers[500] << ' ' << std::accumulate(numbers.begin(), numbers.end(), 0)
              << ' ' << ++counter << std::endl;
    std::istringstream input("12 0x1f 3.5 nonsense");
    int a = 0, b = 0, c = 0;
    double d = 0;
    input >> a >> std::hex >> b >> std::dec >> d >> c;
    std::cout << a << ' ' << b << ' ' << d << ' ' << input.fail() << '\n';
    return 0;
}
