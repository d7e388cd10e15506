// The header is one for C++, too.
#include <alloc.h>

int main()
{
    alloc_handle *ah = alloc_create(nullptr);
    alloc_request request = {};
    alloc_result *result = nullptr;
    int is_refused = !alloc_allocate(ah, &request, &result);
    alloc_destroy(ah);
    return is_refused ? 0 : 1;
}
