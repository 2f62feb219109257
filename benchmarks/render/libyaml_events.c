// libyaml_events FILE...: parses each file to libyaml's events and drops them; prints the CPU time in
// milliseconds, files' reading not counted.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <yaml.h>

static unsigned char* Read(const char* name, size_t* size) {
  FILE* file = fopen(name, "rb");
  if (!file) return NULL;
  fseek(file, 0, SEEK_END);
  *size = (size_t)ftell(file);
  rewind(file);
  unsigned char* text = malloc(*size + 1);
  if (fread(text, 1, *size, file) != *size) text = NULL;
  fclose(file);
  return text;
}

// The number of events; -1 for an error.
static long Parse(const unsigned char* text, size_t size) {
  yaml_parser_t parser;
  yaml_event_t event;
  long count = 0;
  yaml_parser_initialize(&parser);
  yaml_parser_set_input_string(&parser, text, size);
  for (yaml_event_type_t type = YAML_NO_EVENT; type != YAML_STREAM_END_EVENT; ++count) {
    if (!yaml_parser_parse(&parser, &event)) return -1;
    type = event.type;
    yaml_event_delete(&event);
  }
  yaml_parser_delete(&parser);
  return count;
}

int main(int argc, char** argv) {
  double seconds = 0;
  for (int i = 1; i < argc; ++i) {
    size_t size = 0;
    unsigned char* text = Read(argv[i], &size);
    const clock_t begun = clock();
    if (!text || Parse(text, size) < 0) return fprintf(stderr, "%s: cannot be parsed\n", argv[i]), 1;
    seconds += (double)(clock() - begun) / CLOCKS_PER_SEC;
    free(text);
  }
  printf("%.3f\n", seconds * 1000);
  return 0;
}
